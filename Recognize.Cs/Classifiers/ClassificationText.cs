using Microsoft.FSharp.Core;
using Recognition.Client;

namespace Recognize.Classifiers;

/// <summary>The text of an answer.</summary>
internal static class ClassificationText
{
    /// <summary>Returns one sentence with what is in the picture, without a full stop.</summary>
    public static string Sentence(this Classification found) => Protocol.Core.AnswerText.sentence(
        [.. found.Predictions.Select(one => new Protocol.Core.Prediction(one.Label, one.Probability))],
        found.Answer is { } answer
            ? FSharpValueOption<Protocol.Core.HedgedAnswer>.Some(new Protocol.Core.HedgedAnswer(
                answer.Id ?? "", answer.Label ?? "", answer.Probability, []))
            : default);
}
