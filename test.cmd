@echo off
rem Builds everything and runs the tests that need no Linux. Options are Expecto's own.
setlocal
cd /d "%~dp0"
call .config\common.cmd || exit /b 1
dotnet build -c Release -nologo -v quiet Recognition.slnx || exit /b 1
Tests.Expecto\bin\Release\net10.0\Tests.Expecto.exe --no-spinner %*
