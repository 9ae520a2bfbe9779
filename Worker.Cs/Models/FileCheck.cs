using System.Security.Cryptography;

namespace Worker.Models;

/// <summary>Verifies a file on disk against the manifest.</summary>
internal static class FileCheck
{
    /// <summary>Returns null if the file is valid; else the error, in words that follow its path.</summary>
    public static async Task<string?> ValidateAsync(string path, ModelFile file, CancellationToken cancel)
    {
        try
        {
            await using var stream = File.OpenRead(path);
            if (stream.Length != file.Bytes)
            {
                var how = stream.Length < file.Bytes ? "truncated" : "altered";
                return $"is {how}: {stream.Length} bytes, the manifest has {file.Bytes}";
            }

            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
            return hash == file.Sha256 ? null : $"is altered: sha256 {hash}, the manifest has {file.Sha256}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"can't be read: {e.Message}";
        }
    }
}
