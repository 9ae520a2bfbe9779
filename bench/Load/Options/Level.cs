using System.Globalization;

namespace Load.Options;

/// <summary>One strength of the load.</summary>
public abstract record Level
{
    private Level()
    {
    }

    /// <summary>For tables.</summary>
    public abstract string Name { get; }

    /// <summary>Where it lies in a chart.</summary>
    public abstract double Value { get; }

    /// <summary>Closed: so many, each of which asks again as soon as it has its answer.</summary>
    public sealed record Clients(int Count) : Level
    {
        /// <inheritdoc/>
        public override string Name => Count == 1 ? "1 client" : $"{Count} clients";

        /// <inheritdoc/>
        public override double Value => Count;
    }

    /// <summary>Open: so many requests a second, at random moments (Poisson), whether or not others are answered.</summary>
    public sealed record Rate(double PerSecond) : Level
    {
        /// <inheritdoc/>
        public override string Name => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:0.##}/s");

        /// <inheritdoc/>
        public override double Value => PerSecond;
    }
}
