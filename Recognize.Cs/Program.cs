using Recognize;
using Recognize.Settings;

return await CommandLine.InvokeAsync(args, Session.RunAsync);
