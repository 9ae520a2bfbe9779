/// The Python peers that are in the field, imitated byte by byte as docs/protocol.md describes them: one read for
/// one message, double sends after `N`, no answer on bad input. They share no code with ours.
namespace Tests.Expecto.EndToEnd

open System
open System.Net
open System.Net.Sockets
open System.Text
open System.Threading.Tasks

module private Old =
    let checksum (payload: string) =
        let sum = Encoding.UTF8.GetBytes payload |> Array.sumBy int
        $"-%04d{(sum &&& 0xFFF) + 1}"

    let data payload = $"D {payload} {checksum payload}"

    /// One `recv(1024)`.
    let receive (socket: Socket) =
        task {
            let buffer = Array.zeroCreate<byte> 1024
            let! count = socket.ReceiveAsync(ArraySegment buffer)
            return Encoding.UTF8.GetString(buffer, 0, count)
        }

    let send (socket: Socket) (text: string) =
        task {
            let mutable rest = ReadOnlyMemory(Encoding.UTF8.GetBytes text)

            while not rest.IsEmpty do
                let! sent = socket.SendAsync(rest)
                rest <- rest.Slice sent
        }

    let fits (message: string) =
        message.Length >= 8
        && message.StartsWith "D "
        && message.EndsWith(checksum (message.Substring(2, message.Length - 8)))

    let payload (message: string) =
        message.Substring(2, message.Length - 8)

/// The old web node's side. `damage` turns a message, by its number from 0, into what goes on the wire.
[<Sealed>]
type OldClient(port: int, damage: int -> string -> string) =
    let mutable sent = 0
    let heard = ResizeArray<string>()

    new(port) = OldClient(port, (fun _ message -> message))

    /// Every read, one entry each.
    member _.Heard = heard.ToArray()

    /// The result's payload; the empty text when the worker refuses the picture.
    member _.Ask(picture: byte[]) =
        task {
            use socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
            do! socket.ConnectAsync(IPAddress.Loopback, port)

            let put message =
                let onWire = damage sent message
                sent <- sent + 1
                Old.send socket onWire

            let hear () =
                task {
                    let! message = Old.receive socket
                    heard.Add message
                    return message
                }

            let tell message =
                task {
                    do! put message
                    let! answer = hear ()
                    let mutable answer = answer

                    while answer <> "A" do
                        if answer = "" then
                            failwith "the worker closed"

                        // It repeats the message here and once more at the loop's start, and takes one answer.
                        do! put message
                        do! put message
                        let! next = hear ()
                        answer <- next
                }

            let text = Convert.ToBase64String picture
            do! tell (Old.data (string text.Length))
            do! tell (Old.data text)
            let! result = hear ()
            let mutable result = result

            while result <> "N" && not (Old.fits result) do
                do! Old.send socket "N"
                let! next = hear ()
                result <- next

            if result = "N" then
                return ""
            else
                do! Old.send socket "A"
                return Old.payload result
        }

/// The old worker: one read for the size, the image by its length, one answer for each; on anything unexpected
/// the connection's thread dies without a word. `result` is what it says of every picture.
[<Sealed>]
type OldWorker(result: string) =
    let listener = new TcpListener(IPAddress.Loopback, 0)
    let mutable served = 0
    let pictures = Collections.Concurrent.ConcurrentQueue<byte[]>()

    let serve (socket: Socket) =
        task {
            use socket = socket

            try
                let! size = Old.receive socket

                if not (Old.fits size) then
                    failwith "the thread dies"

                let length = int (Old.payload size)
                do! Old.send socket "A"
                let image = StringBuilder()

                while image.Length < length + 8 do
                    let! part = Old.receive socket

                    if part = "" then
                        failwith "the thread dies"

                    image.Append part |> ignore

                if image.Length > length + 8 || not (Old.fits (string image)) then
                    failwith "the thread dies"

                pictures.Enqueue(Convert.FromBase64String(Old.payload (string image)))
                do! Old.send socket "A"
                // What the network costs on a machine of its time; the result is a message, and a read, of its own.
                do! Task.Delay 50
                let mutable answer = ""

                while answer <> "A" do
                    do! Old.send socket (Old.data result)
                    let! next = Old.receive socket
                    answer <- next

                    if answer = "" then
                        failwith "the thread dies"

                Threading.Interlocked.Increment &served |> ignore
                // It reads nothing more on this connection.
                do! Task.Delay 200
            with _ ->
                ()
        }

    let accept () =
        task {
            try
                while true do
                    let! socket = listener.AcceptSocketAsync()
                    serve socket |> ignore
            with
            | :? SocketException
            | :? ObjectDisposedException -> ()
        }

    do
        listener.Start()
        accept () |> ignore

    member _.Port = (listener.LocalEndpoint :?> IPEndPoint).Port
    /// Exchanges that it finished.
    member _.Served = served
    member _.Pictures = pictures.ToArray()

    interface IDisposable with
        member _.Dispose() = listener.Dispose()
