namespace Worker.Models;

/// <summary>One process at a time fetches into a model's folder; the others wait and find the file there.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits for the folder's turn; disposing gives it up, and so does the end of the process, however it comes.
    /// </summary>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written to.</exception>
    /// <exception cref="IOException">The lock is a symbolic link, which may lead anywhere.</exception>
    public static async Task<IDisposable> TakeAsync(string folder, TimeProvider clock, CancellationToken cancel)
    {
        var path = Path.Combine(folder, ".lock");
        if (new FileInfo(path).LinkTarget is not null)
        {
            throw new IOException($"{path} is a symbolic link: delete it");
        }

        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
            {
                if (!File.Exists(path))
                {
                    throw;
                }

                await Task.Delay(Poll, clock, cancel);
            }
        }
    }
}
