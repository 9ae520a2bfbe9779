using Launch;

return await LaunchCommand.InvokeAsync(args, static (options, stop) => new Launcher(options).RunAsync(stop));
