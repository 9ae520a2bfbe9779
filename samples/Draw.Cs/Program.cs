using Draw;

if (args is not [])
{
    Console.WriteLine("Draws the sample pictures and their list, samples.json, into the repository. There are no options.");
    return args is ["--help" or "-h"] ? 0 : 2;
}

var folder = Folder.OfRepository();
Folder.Write(folder);
Console.WriteLine($"{Gallery.Pictures.Count} pictures drawn into {folder}");
return 0;
