using Scenarios.Nodes;

namespace Scenarios.Reliability;

/// <summary>
/// A client of several web nodes. Each request goes to the next one, and on to the one after it if the connection is
/// refused. Requests in flight to the killed node are counted separately and retried; any other error is passed to the
/// caller.
/// </summary>
/// <param name="webs">The web nodes, at least two.</param>
internal sealed class RoundRobinHandler(IReadOnlyList<WebNode> webs) : DelegatingHandler(
    new SocketsHttpHandler { UseProxy = false })
{
    private readonly int[] answers = new int[webs.Count];
    private int requests;
    private int refused;
    private int cutOff;

    /// <summary>The killed node; null if there is none.</summary>
    public WebNode? Killed { get; set; }

    /// <summary>The number of requests that were refused there and moved on.</summary>
    public int Refused => refused;

    /// <summary>The number of requests in flight on its connections when it died.</summary>
    public int CutOff => cutOff;

    /// <summary>The number of answers of each web node, whatever their status.</summary>
    public IReadOnlyList<int> Answers => answers;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var first = (uint)Interlocked.Increment(ref requests);
        for (var tries = 1; ; tries++)
        {
            // Uses its own rotation from here: the next node of the shared one may be the same again.
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
                Interlocked.Increment(
                    ref e.HttpRequestError == HttpRequestError.ConnectionError ? ref refused : ref cutOff);
            }
        }
    }
}
