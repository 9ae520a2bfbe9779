using Draw;

const string Usage = """
    Draws the sample pictures, each of which the network names rightly, and their list samples.json.

      Draw.Cs [--check] [FOLDER]

      FOLDER    where they are; by default samples/ of this repository
      --check   write nothing; say which files are not what would be drawn, and exit with 1 if any is
    """;

var options = args.Where(a => a.StartsWith('-')).ToArray();
var folders = args.Except(options).ToArray();
if (options.Any(o => o is "--help" or "-h"))
{
    Console.WriteLine(Usage);
    return 0;
}

if (folders.Length > 1 || options.Any(o => o != "--check"))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

var folder = folders.FirstOrDefault() ?? Folder.OfRepository();
if (options.Length == 0)
{
    Folder.Write(folder);
    Console.WriteLine($"{Gallery.Pictures.Count} pictures drawn into {folder}");
    return 0;
}

var differing = Folder.Differing(folder);
foreach (var name in differing)
{
    Console.Error.WriteLine($"{name} is not what this program draws");
}

return differing.Count == 0 ? 0 : 1;
