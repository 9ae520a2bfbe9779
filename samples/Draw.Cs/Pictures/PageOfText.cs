using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

/// <summary>A page of a book: an example of a picture that the network should not be sure of.</summary>
internal static class PageOfText
{
    private static readonly string[] Lines =
    [
        "THE LIGHT WENT ROUND AND ROUND",
        "AND EVERY NINE SECONDS IT CAME",
        "IN AT THE WINDOW OF THE KITCHEN",
        "WHERE THE BREAD LAY READY AND",
        "NOBODY HAD YET LIT THE LAMP",
        "",
        "ONE COULD COUNT BY IT AND SHE",
        "DID COUNT AT NIGHT WHEN THE SEA",
        "WAS LOUD AND SLEEP A LONG WAY",
        "OFF OUT THERE BEHIND THE ROCKS",
        "",
        "IN THE MORNING THERE WAS A BOAT",
        "THAT NONE OF THEM HAD SEEN AND",
        "A MAN WHO ASKED FOR COFFEE",
    ];

    private const float Margin = 62, Leading = 33, Height = 15, Advance = 5.6f * Height / 6;

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Rgb(0xF7F4EC));
        for (var line = 0; line < Lines.Length; line++)
        {
            var x = Margin;
            foreach (var word in Lines[line].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var width = word.Length * Advance;
                sheet.Write(word, x + (width / 2), Margin + 15 + (line * Leading), Height, 1.9f, Rgb(0x2A2724));
                x += width + (Advance * .8f);
            }
        }

        sheet.Write("17", Sheet.Size / 2f, Sheet.Size - 32, 13, 1.7f, Rgb(0x2A2724));
    }
}
