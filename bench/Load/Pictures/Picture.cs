namespace Load.Pictures;

/// <summary>A picture to send.</summary>
/// <param name="Name">The file's name, for messages.</param>
/// <param name="Bytes">The file's bytes; at least one.</param>
public sealed record Picture(string Name, byte[] Bytes);
