namespace Worker.Imaging;

/// <summary>The method for decoding and resizing an image.</summary>
public enum ResizeMode
{
    /// <summary>
    /// The worker's default: a large JPEG is decoded at a reduced size and resized as in <see cref="Exact"/>,
    /// everything else as in <see cref="Pillow"/>.
    /// </summary>
    Faithful,

    /// <summary>Full size; resized as Pillow does, rounded to 8 bits along the rows and again across them.</summary>
    Pillow,

    /// <summary>Full size; resized in float32, and rounded to 8 bits once.</summary>
    Exact,
}
