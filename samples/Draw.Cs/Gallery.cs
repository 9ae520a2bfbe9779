using Draw.Pictures;

namespace Draw;

/// <summary>One picture of the gallery.</summary>
/// <param name="File">The file name in the samples' folder.</param>
/// <param name="Label">
/// The expected class, as the file of class names spells it; null for a picture of which the network knows no class.
/// </param>
/// <param name="Title">The text alternative on a page.</param>
/// <param name="Draw">Draws it on an empty sheet.</param>
public sealed record Picture(string File, string? Label, string Title, Action<Sheet> Draw);

/// <summary>
/// The pictures. SqueezeNet 1.1 classifies each correctly, but for two that show visitors an unsure answer; run the
/// tests before committing any change, even of a colour.
/// </summary>
public static class Gallery
{
    public static IReadOnlyList<Picture> Pictures { get; } =
    [
        new("lighthouse.png", "beacon", "A red and white lighthouse by the sea", Lighthouse.Draw),
        new("daisy.png", "daisy", "A daisy with white petals and a yellow heart", Daisy.Draw),
        new("hot-air-balloon.png", "balloon", "A hot-air balloon in all colours of the rainbow", Balloon.Draw),
        new("jellyfish.png", "jellyfish", "A pink jellyfish in the deep blue sea", Jellyfish.Draw),
        new("soccer-ball.png", "soccer ball", "A soccer ball on the grass", SoccerBall.Draw),
        new("honeycomb.png", "honeycomb", "A honeycomb full of amber honey", Honeycomb.Draw),
        new("traffic-light.png", "traffic light", "A traffic light that shows red", TrafficLight.Draw),
        new("spider-web.png", "spider web", "A spider's web in a green wood", SpiderWeb.Draw),
        new("analog-clock.png", "analog clock", "A clock with hands, at nine minutes past ten", AnalogClock.Draw),
        new("hourglass.png", "hourglass", "An hourglass with sand running through it", Hourglass.Draw),
        new("digital-clock.png", "digital clock", "A digital clock with red figures: 20:48", DigitalClock.Draw),
        new("crossword-puzzle.png", "crossword puzzle", "A solved crossword puzzle", CrosswordPuzzle.Draw),
        new("face.png", null, "The face of a person with brown hair", Face.Draw),
        new("page-of-text.png", null, "A page of a book in capital letters", PageOfText.Draw),
    ];
}
