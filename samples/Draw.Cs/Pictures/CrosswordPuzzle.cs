using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

internal static class CrosswordPuzzle
{
    private static readonly string[] Rows =
    [
        "FEWER#PIQUE",
        "O#E#U#O#U#A",
        "COASTAL#ART",
        "U#K###I###E",
        "SEE#PATTERN",
        "##S#U#E#R##",
        "SETTLER#OWL",
        "C###S###S#I",
        "EYE#ABATING",
        "N#G#T#D#O#H",
        "EAGLE#DONUT",
    ];

    private const float Margin = 40, Cell = (Sheet.Size - (2 * Margin)) / 11;
    private static readonly SKColor Black = Rgb(0x20242C);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Rgb(0xF4EFE4));
        sheet.Box(Margin, Margin, 11 * Cell, 11 * Cell, SKColors.White);
        var number = 0;
        for (var row = 0; row < 11; row++)
        {
            for (var column = 0; column < 11; column++)
            {
                var (x, y) = (Margin + (column * Cell), Margin + (row * Cell));
                if (!IsLetter(row, column))
                {
                    sheet.Box(x, y, Cell, Cell, Black);
                    continue;
                }

                sheet.Write(Rows[row][column].ToString(), x + (Cell * .52f), y + (Cell * .58f), 21.7f, 3.5f, Black);
                if (BeginsWord(row, column))
                {
                    sheet.Write($"{++number}", x + (Cell * .2f), y + (Cell * .17f), 7.6f, 1.6f, Black);
                }
            }
        }

        for (var line = 0; line <= 11; line++)
        {
            var (at, end) = (Margin + (line * Cell), Sheet.Size - Margin);
            var width = line is 0 or 11 ? 5 : 2;
            sheet.Line(at, Margin, at, end, Black, width);
            sheet.Line(Margin, at, end, at, Black, width);
        }
    }

    private static bool IsLetter(int row, int column) =>
        row is >= 0 and < 11 && column is >= 0 and < 11 && Rows[row][column] != '#';

    private static bool BeginsWord(int row, int column) =>
        (!IsLetter(row, column - 1) && IsLetter(row, column + 1))
        || (!IsLetter(row - 1, column) && IsLetter(row + 1, column));
}
