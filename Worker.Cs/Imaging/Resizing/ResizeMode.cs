namespace Worker.Imaging;

/// <summary>How a picture is decoded and resized.</summary>
public enum ResizeMode
{
    /// <summary>
    /// The worker's way: a large JPEG is decoded at a reduced size and resized in float32, everything else as
    /// <see cref="Pillow"/> does it.
    /// </summary>
    Faithful,

    /// <summary>At its full size; resized as Pillow does it, rounded to 8 bits along the rows and again across them.</summary>
    Pillow,

    /// <summary>At its full size; resized in float32.</summary>
    Exact,
}
