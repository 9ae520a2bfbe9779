@echo off
rem What run.cmd and test.cmd share. Paket's feed is named by a variable: this machine's first enabled NuGet source.
if not defined NUGET_SOURCE for /f "tokens=2" %%s in ('dotnet nuget list source --format Short ^| findstr /b E') do if not defined NUGET_SOURCE set NUGET_SOURCE=%%s
dotnet tool restore >nul || exit /b 1
