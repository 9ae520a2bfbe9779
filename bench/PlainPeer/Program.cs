// The baseline for the service: the same network behind one HTTP endpoint, as a competent developer would write it in
// an afternoon. Not part of the service. Arguments: the port, the network's file, the labels' file.
using PlainPeer;

var builder = WebApplication.CreateBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://127.0.0.1:{args[0]}");
builder.Services.AddSingleton(_ => new Classifier(args[1], args[2]));
var app = builder.Build();
app.Services.GetRequiredService<Classifier>();
app.MapPost("/classify", async (HttpRequest request, Classifier classifier) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body);
    return classifier.Classify(body.ToArray()) is { } predictions
        ? Results.Ok(predictions)
        : Results.UnprocessableEntity();
});
await app.RunAsync();
