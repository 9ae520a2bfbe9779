namespace Load.Pictures;

/// <summary>A picture to send.</summary>
/// <param name="Name">The file's, for messages.</param>
/// <param name="Bytes">As the file holds them; at least one.</param>
public sealed record Picture(string Name, byte[] Bytes);
