namespace Worker.Models;

/// <summary>Validates a manifest before its files are read.</summary>
internal static class ManifestValidation
{
    private const int LongestSide = 4096;
    private const int LongestId = 64;
    private const int LongestVersion = 32;
    private const int LargestOffset = 10;
    private const int LongestText = 256;

    /// <summary>Returns null if the manifest is valid, else what is wrong and what to write.</summary>
    public static string? Validate(ModelManifest manifest, string folder) => manifest switch
    {
        _ when !IsId(manifest.Id) =>
            $"the id '{manifest.Id}' is invalid: write 1 to {LongestId} lower-case letters, digits, '.', '_' or '-', "
            + "not '.' first",
        _ when manifest.Id != folder => $"its id is '{manifest.Id}', not its folder's name '{folder}'",
        { Threads: < 1 or > 64 } =>
            $"threads is {manifest.Threads}: write 1 to 64, the processor threads for one image",
        _ when !IsVersion(manifest.Version) =>
            $"the version '{manifest.Version}' is invalid: write 1 to {LongestVersion} letters, digits, '.', '_' or '-'",
        _ when manifest.Files.Any(file => file is null) => "a file is null",
        _ when manifest.Files.FirstOrDefault(file => !IsPlausible(file)) is { } file =>
            $"'{file.Name}' needs a plain name, a length and a sha256 of 64 lower-case digits",
        _ when manifest.Files.FirstOrDefault(file => !IsFetchable(file.Source)) is { } file =>
            $"the source of '{file.Name}' is '{file.Source}': write an address with https:// or http://",
        _ when !manifest.Variants(FileRole.Network).Any() => "no file has the role network",
        _ when manifest.Labels is not null && manifest.Variants(FileRole.Labels).Any() =>
            "it has labels and a file of the role labels: leave one of them out",
        _ when manifest.Labels is { Count: 0 } => "labels is empty: name the classes, or leave it out",
        { Labels: { } labels } when labels.Any(label => label is null) => "a label is null",
        _ when Math.Abs(manifest.Output.LabelOffset) > LargestOffset =>
            $"output.labelOffset is {manifest.Output.LabelOffset}: write -{LargestOffset} to {LargestOffset}",
        { Tree: { } tree } when !IsId(tree) =>
            $"tree is '{tree}': write the name of a folder of the catalog, such as imagenet",
        { Tree: not null, Output.Kind: OutputKind.Sigmoid } =>
            "tree is for classes that exclude each other, and output.kind is sigmoid: leave one of them out",
        { Covers: { } covers } when covers.Length is 0 or > LongestText || covers.Any(char.IsControl) =>
            $"covers has {covers.Length} characters: write a line of 1 to {LongestText}",
        _ => Validate(manifest.Input) ?? Validate(manifest.Resize) ?? Validate(manifest.Normalise),
    };

    /// <summary>Returns whether a text can be a model's id: it travels in URLs, file names and the protocol.</summary>
    public static bool IsId(string id) =>
        id.Length is > 0 and <= LongestId && id[0] != '.'
        && id.All(IsIdLetter);

    /// <summary>Returns whether an id may have this character.</summary>
    internal static bool IsIdLetter(char letter) =>
        char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '_' or '-';

    private static bool IsVersion(string version) =>
        version.Length is > 0 and <= LongestVersion
        && version.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');

    private static string? Validate(InputSpec input) =>
        input.Width is < 1 or > LongestSide || input.Height is < 1 or > LongestSide
            ? $"input.width and input.height must be 1 to {LongestSide}"
            : null;

    private static string? Validate(ResizeSpec resize) => resize switch
    {
        { Size: < 1 or > LongestSide } => $"resize.size is {resize.Size}: write 1 to {LongestSide}",
        { Crop: <= 0 or > LongestSide or double.NaN } =>
            $"resize.crop is {resize.Crop}: write pixels up to {LongestSide}, or a fraction above 0 and up to 1",
        { Crop: > 1 } when resize.Crop % 1 != 0 =>
            $"resize.crop is {resize.Crop}: write whole pixels, or a fraction up to 1",
        { Crop: > 1, Size: { } size } when resize.Crop > size =>
            $"resize.crop is {resize.Crop} and resize.size {size}: the crop can't be the larger",
        { Mode: not ResizeMethod.ShorterSide } when resize is { Size: not null } or { Crop: not null } =>
            "resize.size and resize.crop are for the mode shorter-side: the others have the input's size",
        { Mode: not ResizeMethod.Fit, Fill: not null } => "resize.fill is for the mode fit",
        { Fill: { Count: not 3 } } => "resize.fill needs three numbers 0 to 255: red, green, blue",
        _ => null,
    };

    private static string? Validate(NormaliseSpec normalise) => normalise switch
    {
        { Preset: { } name } when NormalisePreset.Find(name) is null =>
            $"unknown normalise.preset '{name}': "
            + $"write {string.Join(", ", NormalisePreset.All.Select(preset => preset.Name))}",
        { Scale: not null and not > 0 } => "normalise.scale must be above 0, such as 0.00392156862745098 (1/255)",
        { Mean.Count: not (1 or 3) } or { Std.Count: not (1 or 3) } =>
            "normalise.mean and normalise.std need one number, or one for each channel",
        _ when normalise.Std?.Any(std => !(std > 0)) == true => "normalise.std must be above 0",
        _ => null,
    };

    private static bool IsPlausible(ModelFile file) =>
        file.Name.Length > 0 && Path.GetFileName(file.Name) == file.Name && !file.Name.StartsWith('.')
        && file.Bytes > 0
        && file.Sha256.Length == 64 && file.Sha256.All(char.IsAsciiHexDigitLower);

    private static bool IsFetchable(Uri? source) =>
        source is null or { IsAbsoluteUri: true, Scheme: "https" or "http", Host.Length: > 0 };
}
