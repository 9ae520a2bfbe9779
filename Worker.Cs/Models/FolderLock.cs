namespace Worker.Models;

/// <summary>Limits downloads into a model's folder to one process; the others wait and find the file.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits for the folder's lock. Disposing the result releases it, and so does any end of the process.
    /// </summary>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written to.</exception>
    /// <exception cref="IOException">The lock is a symbolic link, which may lead anywhere.</exception>
    public static async Task<IDisposable> AcquireAsync(string folder, TimeProvider clock, CancellationToken cancel)
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
