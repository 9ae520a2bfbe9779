using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;
using Recognition.Kiota;

// Calls the clients that NSwag and Kiota generated: args are the server's address and a picture.
var picture = Convert.ToBase64String(File.ReadAllBytes(args[1]));

using var http = new HttpClient { BaseAddress = new Uri(args[0]) };
var nswag = new Recognition.NSwag.RecognitionClient(http);
var answer = await nswag.ClassifyAsync(body: new Recognition.NSwag.Picture { Image = picture, Top = 3 });
Console.WriteLine($"nswag {answer.Predictions.First().Label} {answer.Predictions.Count}");

using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider()) { BaseUrl = args[0] };
var kiota = new ApiClient(adapter);
var said = await kiota.Api.Classify.PostAsync(new Recognition.Kiota.Models.Picture { Image = picture, Top = 3 });
Console.WriteLine($"kiota {said?.Predictions?[0].Label} {said?.Predictions?.Count}");
