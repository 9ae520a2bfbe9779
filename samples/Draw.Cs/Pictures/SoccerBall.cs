using System.Numerics;
using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

/// <summary>
/// A truncated icosahedron projected onto a sphere: a black pentagon at each of the icosahedron's twelve corners, a
/// seam along the middle third of each of its edges.
/// </summary>
internal static class SoccerBall
{
    private const float X = 300, Y = 300, Radius = 220;

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0x5FB04A), Rgb(0x2D7A2F)));
        for (var stripe = 0; stripe < 6; stripe += 2)
        {
            sheet.Box(0, stripe * 100, 600, 100, SKColors.White.Faint(.08));
        }

        sheet.Oval(X + 10, Y + (Radius * .95f), Radius * .9f, Radius * .2f, Ink.Shadow(.45, 18));
        using var ball = Shapes.Circle(X, Y, Radius);
        sheet.Fill(ball, Ink.Ball(X - 66, Y - 88, 380, SKColors.White, Rgb(0xE9E9ED), Rgb(0xB9BBC2), Rgb(0x777A83)));
        sheet.Within(ball, () => Panels(sheet));
        sheet.Fill(ball, Ink.Ball(X - 66, Y - 88, 380, SKColors.White.Faint(.2), SKColors.Black.Faint(.3)));
    }

    private static void Panels(Sheet sheet)
    {
        var corners = Corners();
        foreach (var corner in corners.Where(c => c.Z > -.35f))
        {
            var pentagon = Neighbours(corners, corner).Select(n => Between(corner, n, 1 / 3f)).ToArray();
            using var patch = new SKPath();
            patch.MoveTo(Seen(pentagon[0]));
            for (var i = 0; i < 5; i++)
            {
                Follow(patch, pentagon[i], pentagon[(i + 1) % 5]);
            }

            sheet.Fill(patch, Rgb(0x1B1D22));
            foreach (var neighbour in Neighbours(corners, corner))
            {
                using var seam = new SKPath();
                var start = Between(corner, neighbour, 1 / 3f);
                seam.MoveTo(Seen(start));
                Follow(seam, start, Between(corner, neighbour, 2 / 3f));
                sheet.Stroke(seam, Rgb(0x55585F), 4);
            }
        }
    }

    /// <summary>The icosahedron's corners on the unit sphere, turned so that none faces the viewer.</summary>
    private static Vector3[] Corners()
    {
        var golden = (1 + MathF.Sqrt(5)) / 2;
        var turn = Matrix4x4.CreateRotationX(.35f) * Matrix4x4.CreateRotationY(.25f);
        return
        [
            .. from one in new[] { -1f, 1f }
               from other in new[] { -golden, golden }
               from corner in new Vector3[] { new(0, one, other), new(one, other, 0), new(other, 0, one) }
               select Vector3.Transform(Vector3.Normalize(corner), turn),
        ];
    }

    /// <summary>Returns the five nearest corners, in order around this one.</summary>
    private static IEnumerable<Vector3> Neighbours(Vector3[] corners, Vector3 corner)
    {
        var near = corners.Where(c => c != corner && Vector3.Dot(c, corner) > .4f).ToArray();
        var right = Vector3.Normalize(near[0] - (corner * Vector3.Dot(near[0], corner)));
        var up = Vector3.Cross(corner, right);
        return near.OrderBy(c => MathF.Atan2(Vector3.Dot(c, up), Vector3.Dot(c, right)));
    }

    private static Vector3 Between(Vector3 from, Vector3 to, float share) =>
        Vector3.Normalize(Vector3.Lerp(from, to, share));

    /// <summary>Interpolates along the sphere between two points.</summary>
    private static void Follow(SKPath path, Vector3 from, Vector3 to)
    {
        for (var step = 1; step <= 8; step++)
        {
            path.LineTo(Seen(Between(from, to, step / 8f)));
        }
    }

    /// <summary>Projects a point of the sphere; a point of the far side is moved beyond the ball's edge.</summary>
    private static SKPoint Seen(Vector3 point)
    {
        var away = point.Z >= 0 ? 1 : (1 - point.Z) / MathF.Max(.2f, new Vector2(point.X, point.Y).Length());
        return new(X + (Radius * away * point.X), Y - (Radius * away * point.Y));
    }
}
