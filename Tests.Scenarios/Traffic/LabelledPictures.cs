using System.Text.Json;
using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Traffic;

/// <summary>The pictures of the load: the repository's own and, if present, the photographs.</summary>
public static class LabelledPictures
{
    /// <summary>Returns all pictures, with the right answers from <paramref name="worker"/>.</summary>
    /// <exception cref="InvalidOperationException">The worker misclassifies a picture.</exception>
    public static async Task<IReadOnlyList<LabelledPicture>> ReadAsync(Place place, WorkerNode worker)
    {
        var pictures = new List<LabelledPicture>();
        foreach (var (path, label) in Samples().Concat(Photographs()))
        {
            var bytes = await File.ReadAllBytesAsync(path);
            var said = ProtocolClient.Predictions(await ProtocolClient.AskAsync(place, worker.EndPoint, bytes));
            if (said[0].Label != label)
            {
                throw new InvalidOperationException(
                    $"{worker.Process.Name} classifies {Path.GetFileName(path)} as {said[0].Label}, not as {label}.");
            }

            pictures.Add(new LabelledPicture(Path.GetFileName(path), bytes, label, said));
        }

        return pictures;
    }

    private static IEnumerable<(string Path, string Label)> Samples()
    {
        using var list = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Tree.Samples, "samples.json")));
        return
        [
            .. from sample in list.RootElement.EnumerateArray()
               let file = sample.GetProperty("file").GetString()!
               // The unsure ones have no label.
               let label = sample.GetProperty("label").GetString()
               where label is not null
               select (Path.Combine(Tree.Samples, file), label),
        ];
    }

    private static IEnumerable<(string Path, string Label)> Photographs()
    {
        var reference = Path.Combine(Tree.Photographs, "reference.json");
        if (!File.Exists(reference))
        {
            return [];
        }

        using var list = JsonDocument.Parse(File.ReadAllBytes(reference));
        return
        [
            .. from photograph in list.RootElement.EnumerateObject()
               let first = photograph.Value.GetProperty("top5")[0]
               select (Path.Combine(Tree.Photographs, photograph.Name), first.GetProperty("label").GetString()!),
        ];
    }
}
