using System.CommandLine;
using Recognize.Settings;
using Worker.Models;
using Worker.Models.Import;

namespace Recognize.Models;

/// <summary>The commands that describe a model and add one to the catalog.</summary>
internal static class ModelsCommand
{
    /// <summary>Creates the commands below <c>models</c>.</summary>
    public static Command Create() => new("models", "Describes a model, or adds one to the catalog")
    {
        Inspect(), Add(), AccuracyCommand.Create(), TreeCommand.Create(),
    };

    private static Command Inspect()
    {
        var path = new Argument<string>("PATH") { Description = "An ONNX file, or a folder with one" };
        var command = new Command(
            "inspect", "Shows inputs, outputs and labels of a model, what is missing and what is assumed") { path };
        command.SetAction(parsed =>
        {
            if (!ModelInspection.Inspect(parsed.GetValue(path)!).Try(out var lines, out var reason))
            {
                return Fail(reason);
            }

            foreach (var line in lines)
            {
                Console.WriteLine(line);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command Add()
    {
        var what = new Argument<string>("PATH_OR_ID")
        {
            Description =
                "An ONNX file, a folder with one, or the name of a model of the catalog, whose files are fetched",
        };
        var presets = string.Join(", ", NormalisePreset.All.Select(one => one.Name));
        var preset = Text("--preset", "NAME", $"The normalization, if no file specifies it: {presets}");
        var labels = Text("--labels", "FILE", "A file of class names, one a line");
        var id = Text("--id", "ID", "The model's name [default: the file's or folder's in lower case]");
        var (models, offline) = (ModelOptions.Folder(), ModelOptions.Offline());
        var command = new Command(
            "add", "Writes a model's folder, recognizes a sample with it and shows the five most probable classes")
        {
            what, preset, labels, id, models, offline,
        };
        command.SetInterruptibleAction(async (parsed, cancel) =>
        {
            var (path, catalog) = (parsed.GetValue(what)!, ModelOptions.FolderOrDefault(parsed.GetValue(models)));
            var isPath = File.Exists(path) || Directory.Exists(path);
            var options = new ImportOptions(parsed.GetValue(id), parsed.GetValue(preset), parsed.GetValue(labels));
            var added = isPath
                ? ModelImport.Add(path, catalog, options)
                : new Worker.Outcome<string>.Ok(path);
            if (!added.Try(out var name, out var reason))
            {
                return Fail(reason);
            }

            var run = await SampleRun.RunAsync(name, ModelOptions.Paths(catalog, parsed.GetValue(offline)), cancel);
            if (!run.Try(out var lines, out reason))
            {
                return Fail(reason);
            }

            var done = isPath ? $"{Path.Combine(catalog, name)} is written." : $"{name} is in place.";
            Console.WriteLine($"{done} Use it with --model {name}.");
            foreach (var line in lines)
            {
                Console.WriteLine(line);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    /// <summary>Writes the reason of a failure and returns its exit code.</summary>
    internal static int Fail(string reason)
    {
        Console.Error.WriteLine($"{reason}.");
        return ExitCode.Failure;
    }
}
