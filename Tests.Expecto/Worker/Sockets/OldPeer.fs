/// A client as the old Python one is: one read of at most 1,024 bytes for one answer.
module Tests.Expecto.Worker.OldPeer

open System
open System.Net.Sockets
open System.Text
open Scenarios.Peers

let data payload = OldText.Data payload

let connect (port: int) =
    let socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
    socket.ReceiveTimeout <- 20_000
    socket.Connect("127.0.0.1", port)
    socket

let send (socket: Socket) text = OldText.Send(socket, text)

/// What one read gives; empty at the connection's end, however it came.
let read (socket: Socket) =
    let buffer = Array.zeroCreate<byte> 1024

    try
        Encoding.UTF8.GetString(buffer, 0, socket.Receive buffer)
    with :? SocketException as e when e.SocketErrorCode = SocketError.ConnectionReset ->
        ""

let size (file: byte[]) =
    data (string (Convert.ToBase64String(file).Length))

let image (file: byte[]) = data (Convert.ToBase64String file)

/// The whole exchange: the answers to size and image, and the result.
let ask port file =
    use socket = connect port
    send socket (size file)
    let first = read socket
    send socket (image file)
    let second = read socket
    let third = read socket
    send socket "A"
    first, second, third
