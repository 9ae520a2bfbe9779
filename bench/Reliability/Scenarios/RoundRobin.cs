using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>
/// A client of several web nodes: each request goes to the next one, and on to the one behind it where nobody listens. What
/// was under way on a connection to the node that was killed is counted apart, and asked again; whatever else goes wrong
/// is the caller's to see.
/// </summary>
/// <param name="webs">At least two.</param>
internal sealed class RoundRobin(IReadOnlyList<WebNode> webs) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    private readonly int[] answers = new int[webs.Count];
    private int turn;
    private int refused;
    private int cutOff;

    /// <summary>The node that was killed; null while none was.</summary>
    public WebNode? Killed { get; set; }

    /// <summary>Requests that found nobody listening there, and moved on.</summary>
    public int Refused => refused;

    /// <summary>Requests that were under way on its connections when it died.</summary>
    public int CutOff => cutOff;

    /// <summary>Answers of each web node, whatever their status.</summary>
    public IReadOnlyList<int> Answers => answers;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var first = (uint)Interlocked.Increment(ref turn);
        for (var tries = 1; ; tries++)
        {
            // Turns of its own from here: the next one in common may be the same node's again.
            var number = (int)((first + tries) % webs.Count);
            request.RequestUri = new Uri(webs[number].Address, request.RequestUri!.PathAndQuery);
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                // A node may die between an answer's head and its end.
                await response.Content.LoadIntoBufferAsync(cancellationToken);
                Interlocked.Increment(ref answers[number]);
                return response;
            }
            catch (HttpRequestException e) when (webs[number] == Killed && tries < webs.Count)
            {
                Interlocked.Increment(ref e.HttpRequestError == HttpRequestError.ConnectionError ? ref refused : ref cutOff);
            }
        }
    }
}
