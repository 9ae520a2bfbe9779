namespace Sbom;

/// <summary>The licences and notices of third parties in a folder of their own, as their terms require.</summary>
internal static class Notices
{
    /// <summary>Copies each package's files to a folder with the package's name.</summary>
    public static void Copy(IReadOnlyList<Component> components, string target)
    {
        foreach (var component in components)
        {
            var notices = Directory.EnumerateFiles(component.Folder!).Where(IsNotice);
            foreach (var file in notices.Order(StringComparer.Ordinal))
            {
                var folder = Directory.CreateDirectory(Path.Combine(target, component.Name));
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)), overwrite: true);
            }
        }
    }

    private static bool IsNotice(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file).Replace("-", "", StringComparison.Ordinal);
        return name.StartsWith("license", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("thirdpartynotice", StringComparison.OrdinalIgnoreCase);
    }
}
