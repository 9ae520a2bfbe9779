namespace Web.Giraffe

/// Where a worker listens. `Host` is a DNS name, an IPv4 address or an IPv6 address without brackets;
/// `Port` is 1 … 65535.
type WorkerAddress =
    { Host: string
      Port: int }

    /// `HOST:PORT`, an IPv6 host in brackets: what `WorkerAddress.tryParse` reads.
    override address.ToString() =
        if address.Host.Contains ':' then
            $"[{address.Host}]:{address.Port}"
        else
            $"{address.Host}:{address.Port}"
