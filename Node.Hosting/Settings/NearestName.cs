namespace Node.Hosting.Settings;

/// <summary>Suggests the name that was meant.</summary>
public static class NearestName
{
    /// <summary>Returns a question with the nearest of the names; null if none is near.</summary>
    public static string? Hint(string name, IEnumerable<string> names)
    {
        var most = Math.Max(2, name.Length / 3);
        return names.MinBy(known => Distance(name, known)) is { } nearest && Distance(name, nearest) <= most
            ? $"Did you mean {nearest}?"
            : null;
    }

    /// <summary>Returns the number of letters to insert, delete or replace; case does not count.</summary>
    public static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var isSame = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]);
                var replaced = diagonal + (isSame ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
