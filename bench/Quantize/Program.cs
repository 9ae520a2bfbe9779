using System.CommandLine;
using Micro.Goals;
using Quantize;
using Quantize.Judging;
using Quantize.Output;

var folder = new Argument<DirectoryInfo>("DIR") { Description = "Where the catalog with the made network goes; a worker's --models" };
var images = new Option<DirectoryInfo[]>("--images")
{
    Description = "Folders of pictures to calibrate with; without any, the samples and the photographs beside the repository",
    HelpName = "DIR",
    AllowMultipleArgumentsPerToken = true,
};
images.AcceptExistingOnly();
var each = new Option<int>("--each")
{
    Description = "Pictures made of every one (sizes, cuts and encodings by lot) to calibrate with, and as many others to judge by; 0: only the pictures themselves",
    DefaultValueFactory = _ => 3,
};
each.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 0 or > 100)
    {
        result.AddError("--each needs a number from 0 to 100");
    }
});
var page = new Option<FileInfo>("--markdown")
{
    Description = "Writes the tables into this page, between <!-- eight-bit:begin --> and <!-- eight-bit:end -->",
    HelpName = "FILE",
};
page.AcceptExistingOnly();
var brief = new Option<bool>("--short") { Description = "Measures times for some milliseconds only: they mean nothing" };

var root = new RootCommand(
    "Makes a network in 8 bits of the catalog's, with weights and activations of a byte, and says what it gains and what it costs. Nothing is written where one of the pictures given gets another first class.")
{
    folder, images, each, page, brief,
};
root.SetAction(async (given, _) =>
{
    try
    {
        var to = given.GetRequiredValue(folder);
        return ModelFolder.Refusal(to) is { } refusal
            ? throw new InvalidDataException(refusal)
            : await Making.RunAsync(
                to, Pictures.Find(given.GetValue(images) ?? []), given.GetValue(each), given.GetValue(brief) ? MeasurementPlan.Short : MeasurementPlan.Standard, given.GetValue(page));
    }
    catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
