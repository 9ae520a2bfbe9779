using System.Diagnostics;
using Worker;
using Worker.Imaging;
using Worker.Inference;
using Worker.Models;

var clock = Stopwatch.StartNew();
var m = ((Outcome<ModelManifest>.Ok)ModelCatalog.Find("squeezenet1_1", ModelCatalog.DefaultDirectory())).Value;
var dir = "/work/shared/models/squeezenet1_1/";
var n = ((Outcome<Network>.Ok)Network.Load(new ModelFiles(m, dir + "squeezenet1_1.onnx", dir + "imagenet_classes.txt"))).Value;
Console.WriteLine($"network {clock.ElapsedMilliseconds}");
using var r = Recognizer.Create(n, RecognizerOptions.Standard);
Console.WriteLine($"ready {clock.ElapsedMilliseconds}");
foreach (var f in args)
{
    var bytes = File.ReadAllBytes(f);
    var result = r.Recognize(bytes);
    Console.WriteLine(f + " " + (result is RecognitionResult.Named x ? string.Join(", ", x.Predictions.Select(p => p.Label + ":" + p.Probability)) : result));
    using var lane = new Lane(n, ImagingLimits.Standard);
    var pre = new Preprocessor(m.Preprocessing, ImagingLimits.Standard);
    var t = new float[150528];
    for (int i = 0; i < 60; i++) { lane.Recognize(bytes); pre.Run(bytes, t); }
    var a0 = GC.GetAllocatedBytesForCurrentThread();
    var c0 = clock.Elapsed.TotalMilliseconds;
    for (int i = 0; i < 60; i++) pre.Run(bytes, t);
    var c1 = clock.Elapsed.TotalMilliseconds;
    var a1 = GC.GetAllocatedBytesForCurrentThread();
    for (int i = 0; i < 60; i++) lane.Recognize(bytes);
    var c2 = clock.Elapsed.TotalMilliseconds;
    var a2 = GC.GetAllocatedBytesForCurrentThread();
    Console.WriteLine($"  pre {(c1 - c0) / 60:0.00} ms {(a1 - a0) / 60} B; whole {(c2 - c1) / 60:0.00} ms {(a2 - a1) / 60} B");
}
