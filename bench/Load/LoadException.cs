namespace Load;

/// <summary>Why nothing can be measured, as one line that says what to do.</summary>
public sealed class LoadException(string message) : Exception(message);
