using System.Globalization;
using System.Text;
using Worker;

namespace Recognize.Models;

/// <summary>A noun of WordNet: a set of synonyms.</summary>
/// <param name="Words">The synonyms, the most common one first.</param>
/// <param name="Parents">The ids of the hypernyms, the main one first.</param>
internal sealed record Synset(IReadOnlyList<string> Words, IReadOnlyList<string> Parents);

/// <summary>Reads the nouns of WordNet 3.0, as Debian's package <c>wordnet-base</c> has them.</summary>
internal static class WordNet
{
    /// <summary>Returns all nouns by their ids: <c>n</c> and the eight digits of their offset in the file.</summary>
    public static Outcome<IReadOnlyDictionary<string, Synset>> Read(string folder)
    {
        var path = Path.Combine(folder, "data.noun");
        try
        {
            // The licence at the top is indented.
            return new Outcome<IReadOnlyDictionary<string, Synset>>.Ok(File.ReadLines(path, Encoding.Latin1)
                .Where(line => !line.StartsWith(' '))
                .Select(Parse)
                .ToDictionary(noun => noun.Id, noun => noun.Synset));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"{path}: {e.Message} Debian's package wordnet-base has WordNet 3.0.");
        }
        catch (Exception e)
            when (e is FormatException or IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            return Fail($"{path} is not WordNet 3.0's: {e.Message}");
        }

        static Outcome<IReadOnlyDictionary<string, Synset>>.Failed Fail(string reason) => new(reason);
    }

    // line = offset SP file SP "n" SP words(2 hex) *(SP word SP id)
    //        SP pointers(3) *(SP symbol SP offset SP part SP source)
    private static (string Id, Synset Synset) Parse(string line)
    {
        var fields = line.Split(' ');
        var count = int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var words = Enumerable.Range(0, count).Select(i => fields[4 + (2 * i)].Replace('_', ' ')).ToList();
        var pointers = 4 + (2 * count);
        var parents = Enumerable.Range(0, int.Parse(fields[pointers], CultureInfo.InvariantCulture))
            .Select(i => pointers + 1 + (4 * i))
            .Where(at => fields[at] is "@" or "@i" && fields[at + 2] == "n")
            .Select(at => $"n{fields[at + 1]}")
            .ToList();
        return ($"n{fields[0]}", new Synset(words, parents));
    }
}
