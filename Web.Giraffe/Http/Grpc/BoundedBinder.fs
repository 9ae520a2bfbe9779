namespace Web.Giraffe.Handlers

open System
open Google.Protobuf
open Google.Protobuf.Reflection
open Grpc.Core
open OpenInference.Grpc
open Web.Giraffe

/// Binds methods so that a message's cost is checked before it is parsed.
[<Sealed>]
type private BoundedBinder(inner: ServiceBinderBase) =
    inherit ServiceBinderBase()

    // The largest number in a list, while the list grows.
    let bytesOfNumber = 8L

    let refuse detail =
        raise (GrpcProblem.exn (Problem.wrong detail))

    let check (kind: MessageDescriptor) (context: DeserializationContext) =
        match MessageCost.ofMessage kind (context.PayloadAsReadOnlySequence()) with
        | ValueNone -> refuse $"The message is not a {kind.Name} of open_inference.proto."
        | ValueSome cost when cost.Fields > MessageCost.MaxFields ->
            refuse $"The message has more than {MessageCost.MaxFields} fields."
        | ValueSome cost -> GrpcBody.charge (bytesOfNumber * cost.Numbers)

    let bounded (marshaller: Marshaller<'request>) =
        match box (Activator.CreateInstance<'request>()) with
        | :? IMessage as message ->
            Marshaller<'request>(
                marshaller.ContextualSerializer,
                fun context ->
                    check message.Descriptor context
                    marshaller.ContextualDeserializer.Invoke context
            )
        | _ -> marshaller

    let boundedMethod (method: Method<'request, 'response>) =
        Method<'request, 'response>(
            method.Type,
            method.ServiceName,
            method.Name,
            bounded method.RequestMarshaller,
            method.ResponseMarshaller
        )

    override _.AddMethod(method: Method<'request, 'response>, handler: UnaryServerMethod<'request, 'response>) =
        inner.AddMethod(boundedMethod method, handler)

    override _.AddMethod
        (method: Method<'request, 'response>, handler: DuplexStreamingServerMethod<'request, 'response>)
        =
        inner.AddMethod(boundedMethod method, handler)

/// Registers the methods of the inference service.
[<Sealed; AbstractClass>]
type InferenceBinding =
    static member BindService(binder: ServiceBinderBase, service: GRPCInferenceService.GRPCInferenceServiceBase) =
        GRPCInferenceService.BindService(BoundedBinder binder, service)
