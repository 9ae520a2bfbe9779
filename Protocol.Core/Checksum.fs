module Protocol.Core.Checksum
let x = 1
