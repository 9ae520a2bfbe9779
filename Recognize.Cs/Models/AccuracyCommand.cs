using System.CommandLine;
using System.Globalization;
using Recognize.Classifiers;
using Recognize.Settings;

namespace Recognize.Models;

/// <summary>The command that measures models over labelled pictures.</summary>
internal static class AccuracyCommand
{
    /// <summary>Creates <c>models accuracy</c>.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = $"Pictures, and {Accuracy.LabelsFile} with the index of each one's class: "
                + "{ \"cat.jpg\": { \"index\": 281 } }",
        };
        var models = new Option<string>("--model")
        {
            Description = "The models' ids in the catalog, separated by commas",
            HelpName = "IDS",
            DefaultValueFactory = _ => "squeezenet1_1,mobilenetv2",
        };
        var (catalog, offline) = (ModelOptions.Folder(), ModelOptions.Offline());
        var command = new Command(
            "accuracy", "Measures how often models with a class tree are right, and how specific their answers are")
        {
            folder, models, catalog, offline,
        };
        command.SetInterruptibleAction(async (parsed, cancel) =>
        {
            var paths = ModelOptions.Paths(parsed.GetValue(catalog), parsed.GetValue(offline));
            Console.WriteLine("model\tpictures\tright\tdetail\tnot sure\tfirst class\tfirst five");
            foreach (var id in parsed.GetValue(models)!.Split(',', StringSplitOptions.TrimEntries))
            {
                var measured = await Accuracy.MeasureAsync(
                    id, parsed.GetValue(folder)!, paths, LocalClassifier.Confidence, cancel);
                if (!measured.Try(out var found, out var reason))
                {
                    return ModelsCommand.Fail(reason);
                }

                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{id}\t{found.Pictures}\t{Percent(found.Right)}"
                        + $"\t{found.Detail:0.00} of {found.MostDetail:0.00} bits"
                        + $"\t{Percent(found.Unsure)}\t{Percent(found.First)}\t{Percent(found.FirstFive)}"));
                string Percent(int count) =>
                    string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / found.Pictures:0.0}%");
            }

            return ExitCode.Success;
        });
        return command;
    }
}
