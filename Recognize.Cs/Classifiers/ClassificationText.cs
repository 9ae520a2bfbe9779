using Protocol.Core.Interop;
using Recognition.Client;

namespace Recognize.Classifiers;

/// <summary>The text of an answer.</summary>
internal static class ClassificationText
{
    /// <summary>Returns one sentence with what is in the picture, without a full stop.</summary>
    public static string Sentence(this Classification found)
    {
        Protocol.Core.Prediction[] predictions =
            [.. found.Predictions.Select(one => new Protocol.Core.Prediction(one.Label, one.Probability))];
        return found.Answer is { } answer
            ? AnswerSentence.Of(
                predictions,
                new Protocol.Core.HedgedAnswer(answer.Id ?? "", answer.Label ?? "", answer.Probability, []))
            : AnswerSentence.Of(predictions);
    }
}
