@echo off
rem Builds the service and runs it on this machine: Launch.Cs, which has the options.
setlocal
cd /d "%~dp0"
call .config\common.cmd || exit /b 1
dotnet build -c Release -nologo -v quiet Launch.Cs/Launch.Cs.csproj || exit /b 1
Launch.Cs\bin\Release\net10.0\Launch.Cs.exe %*
