
namespace Load.Options;

/// <summary>The strength of a load.</summary>
public abstract record Level
{
    private Level()
    {
    }

    /// <summary>The name in tables.</summary>
    public abstract string Name { get; }

    /// <summary>The position in a chart.</summary>
    public abstract double Value { get; }

    /// <summary>
    /// A closed load: this many clients, each of which sends its next request as soon as it has an answer.
    /// </summary>
    public sealed record Clients(int Count) : Level
    {
        /// <inheritdoc/>
        public override string Name => Count == 1 ? "1 client" : $"{Count} clients";

        /// <inheritdoc/>
        public override double Value => Count;
    }

    /// <summary>
    /// An open load: this many requests per second, at random times (Poisson), independent of the answers.
    /// </summary>
    public sealed record Rate(double PerSecond) : Level
    {
        /// <inheritdoc/>
        public override string Name => $"{PerSecond:0.##}/s";

        /// <inheritdoc/>
        public override double Value => PerSecond;
    }
}
