using System.Runtime.InteropServices;
using System.Text;

namespace Recognize.Pictures;

/// <summary>
/// Detects pipes, sockets and devices, which may block forever when opened or read. .NET can't distinguish them from
/// files, so this calls Linux's <c>statx</c>; on other systems every path counts as a file.
/// </summary>
internal static class SpecialFile
{
    private const int CurrentDirectory = -100;
    private const uint TypeMask = 1;
    // struct statx has the same layout on every processor: the mode is two bytes at 28.
    private const int ModeOffset = 28;
    private const int StatxSize = 256;

    private enum Kind
    {
        Pipe = 0x1000,
        Character = 0x2000,
        Block = 0x6000,
        Socket = 0xC000,
        All = 0xF000,
    }

    /// <summary>Returns whether the path leads to a pipe, a socket or a device, also through links.</summary>
    public static bool Is(string path) =>
        KindOf(path) is Kind.Pipe or Kind.Character or Kind.Block or Kind.Socket;

    /// <summary>
    /// Returns why the path can't be read as a picture, in words that follow its name; null if it can. A pipe that the
    /// shell opened for this process (<c>&lt;(command)</c>) is read like standard input.
    /// </summary>
    public static string? Error(string path) =>
        !Is(path) || (IsOpened(path) && KindOf(path) == Kind.Pipe)
            ? null
            : "is a pipe, a socket or a device, not a file: pipe the picture in and use - as its name";

    private static bool IsOpened(string path) =>
        path == "/dev/stdin"
        || path.StartsWith("/dev/fd/", StringComparison.Ordinal)
        || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal);

    private static Kind? KindOf(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var found = new byte[StatxSize];
        return StatX(CurrentDirectory, Encoding.UTF8.GetBytes(path + '\0'), 0, TypeMask, found) == 0
            ? (Kind)BitConverter.ToUInt16(found, ModeOffset) & Kind.All
            : null;
    }

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int StatX(int directory, byte[] path, int flags, uint mask, byte[] found);
}
