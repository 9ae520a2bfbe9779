using Worker;

namespace Recognize.Pictures;

/// <summary>A picture to classify, not yet read.</summary>
/// <param name="Name">The name as the user wrote it, or as it was found.</param>
/// <param name="Error">The reason why there is nothing to read, as a phrase that follows the name; null if there is no
/// error.</param>
internal sealed record PictureSource(string Name, string? Error = null)
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>The size limit, above any picture that the network can use.</summary>
    private const int MaxBytes = 256 << 20;

    /// <summary>The name to display.</summary>
    public string Title => Name == StandardInput ? "standard input" : Name;

    /// <summary>Reads the picture, or returns the reason why it can't, in words that follow the name.</summary>
    public async Task<Outcome<byte[]>> ReadAsync(CancellationToken cancel)
    {
        if ((Error ?? SpecialFile.Error(Name)) is { } error)
        {
            return new Outcome<byte[]>.Failed(error);
        }

        try
        {
            await using var stream = Name == StandardInput ? Console.OpenStandardInput() : File.OpenRead(Name);
            return await ReadAsync(stream, cancel);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Outcome<byte[]>.Failed("there is no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Outcome<byte[]>.Failed($"can't be read: {e.Message}");
        }
    }

    private static async Task<Outcome<byte[]>> ReadAsync(Stream stream, CancellationToken cancel)
    {
        using var bytes = new MemoryStream(stream.CanSeek ? (int)Math.Min(stream.Length, MaxBytes) : 1 << 16);
        var buffer = new byte[1 << 16];
        // A read from a terminal or a pipe ends only when data arrives.
        for (int read; (read = await stream.ReadAsync(buffer, cancel).AsTask().WaitAsync(cancel)) > 0;)
        {
            if (bytes.Length + read > MaxBytes)
            {
                return new Outcome<byte[]>.Failed($"is longer than {MaxBytes >> 20} MB");
            }

            bytes.Write(buffer, 0, read);
        }

        return new Outcome<byte[]>.Ok(bytes.ToArray());
    }
}
