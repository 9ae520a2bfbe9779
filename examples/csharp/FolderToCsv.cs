#:project ../../Recognition.Client/Recognition.Client.csproj
#:property TargetFramework=net10.0
// Classifies a folder of pictures: dotnet run FolderToCsv.cs -- http://localhost:9999 FOLDER > result.csv
using System.Globalization;
using Recognition.Client;

using var http = new HttpClient { BaseAddress = new Uri(args[0]) };
var client = new RecognitionClient(http);
var pictures = Directory.EnumerateFiles(args[1]).Order(StringComparer.Ordinal)
    .Select(path => new PictureFile(Path.GetFileName(path), File.ReadAllBytes(path)));

Console.WriteLine("file,label,probability");
await foreach (var (picture, answer, problem) in client.ClassifyBatchAsync(pictures, new ClassifyOptions { Top = 1 }))
{
    if (answer is { Predictions: [var best, ..] })
    {
        var probability = best.Probability.ToString(CultureInfo.InvariantCulture);
        Console.WriteLine($"{Quoted(picture.Name)},{Quoted(best.Label)},{probability}");
    }
    else
    {
        Console.Error.WriteLine($"{picture.Name}: {problem?.Detail}");
    }
}

static string Quoted(string text) =>
    text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
