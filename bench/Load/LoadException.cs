namespace Load;

/// <summary>The reason why nothing can be measured, as one line with the remedy.</summary>
public sealed class LoadException(string message) : Exception(message);
