/// The worker list: the admin page and the admin URLs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.AdminHandlers

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe
open Web.Giraffe.Views

let badAddress error =
    let reason = Problem.capitalized (AddressError.describe error)

    { Problem.create 400 "Not a worker's address" $"{reason}. Nothing was changed." with
        Code = Some "invalid-address"
    }

let status =
    function
    | Added -> 201
    | Removed
    | DrainStarted
    | Resumed -> 200
    | AlreadyThere
    | AlreadyDrained
    | NotDrained -> 409
    | NotThere -> 404
    | NotAllowed _ -> 403

/// A change that a request makes to the list.
type Change = AppServices -> HttpContext -> WorkerAddress -> Task<ListChange>

/// Adds a worker whose address the settings allow. The connect timeout also limits the DNS lookup.
let add (services: AppServices) (context: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    task {
        use late = CancellationTokenSource.CreateLinkedTokenSource context.RequestAborted
        late.CancelAfter services.Client.Connect

        let! resolved =
            task {
                try
                    return! AllowedNetworks.resolve services.Client.Allowed address late.Token
                with :? OperationCanceledException when not context.RequestAborted.IsCancellationRequested ->
                    return Error(Unresolved(address, "no answer in time"))
            }

        match resolved with
        | Ok _ -> return services.Workers.Add address
        | Error refusal ->
            let reason = AddressRefusal.describe refusal
            HttpLog.addressRefused services.Logger address (AdminAuthorization.callerName context) reason
            return NotAllowed reason
    }

let remove (services: AppServices) (_: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    Task.FromResult(services.Workers.Remove address)

let drain (services: AppServices) (_: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    Task.FromResult(services.Workers.Drain address)

let resume (services: AppServices) (_: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    Task.FromResult(services.Workers.Resume address)

/// The lifetime of a confirmation.
let private confirmationLifetime = TimeSpan.FromHours 1.0

let private purpose (action: string) (address: WorkerAddress) = $"{action} {address}"

/// Shows a confirmation page before a change: a browser sent the request, and a page may have caused it.
let private confirm (services: AppServices) (action: string) (address: WorkerAddress) : HttpHandler =
    let token =
        SignedToken.issue
            services.ConfirmationKey
            (purpose action address)
            (services.Clock.GetUtcNow() + confirmationLifetime)

    setStatusCode 403
    >=> BasePath.view (WorkersView.confirmation services.Assets action address token)
    |> Problem.ending

/// Handles `GET /add/HOST:PORT` and `GET /del/HOST:PORT`. `action` is the form's name for the change.
let changeByUrl (services: AppServices) (action: string) (change: Change) (text: string) : HttpHandler =
    match WorkerAddress.tryParse text with
    | Error error ->
        AdminAuthorization.guardOr (fun _ -> None) services true (AppServices.problemPage services (badAddress error))
    | Ok address ->
        let change: HttpHandler =
            fun next context ->
                task {
                    let! change = change services context address
                    let page = BasePath.view (WorkersView.changed services.Assets change address)
                    return! (setStatusCode (status change) >=> page) next context
                }

        let otherwise =
            function
            | Unconfirmed -> Some(confirm services action address)
            | _ -> None

        AdminAuthorization.guardOr otherwise services true change

let private list (services: AppServices) notice : HttpHandler =
    fun next context ->
        let view =
            WorkersView.page
                services.Assets
                (services.Clock.GetUtcNow())
                services.Models
                (services.Traffic.LastMinute())
                (services.Workers.Report())
                notice

        BasePath.view view next context

let workersPage (services: AppServices) : HttpHandler = list services []

type private WorkerForm =
    {
        Action: string
        Address: string
        /// From the page that `confirm` shows; empty on other pages.
        Confirmation: string
    }

let private readForm (context: HttpContext) =
    task {
        let! form = SmallForm.read context

        return
            {
                Action = string form["action"]
                Address = (string form["address"]).Trim()
                Confirmation = string form["confirmation"]
            }
    }

let private answerForm (services: AppServices) (form: WorkerForm) : HttpHandler =
    fun next context ->
        task {
            let shown change address words =
                let code = if change = Added then 200 else status change
                let removed = if change = Removed then Some address else None
                setStatusCode code >=> list services (WorkersView.notice words removed)

            let made (change: Change) address =
                task {
                    let! change = change services context address
                    return shown change address (WorkersView.said change address)
                }

            // A new worker is probed, so that a wrong address shows at once.
            let added address =
                task {
                    match! add services context address with
                    | Added ->
                        let! probed = services.Probe.Probe(address, context.RequestAborted)
                        return shown Added address (WorkersView.addedAndProbed probed address)
                    | change -> return shown change address (WorkersView.said change address)
                }

            let refused (problem: Problem) =
                let title, detail = Layout.words problem

                Problem.head problem
                >=> list services (WorkersView.notice (Layout.Bad, title, detail) None)
                |> Task.FromResult

            let probed address =
                task {
                    let! probed = services.Probe.Probe(address, context.RequestAborted)
                    return list services (WorkersView.notice (WorkersView.probed probed address) None)
                }

            let! answer =
                match form.Action, WorkerAddress.tryParse form.Address with
                | "add", Ok address -> added address
                | "remove", Ok address -> made remove address
                | "drain", Ok address -> made drain address
                | "resume", Ok address -> made resume address
                | "probe", Ok address -> probed address
                | ("add" | "remove" | "drain" | "resume" | "probe"), Error error -> refused (badAddress error)
                | _ ->
                    refused (
                        Problem.create
                            400
                            "Not understood"
                            "The form's action is none of add, remove, drain, resume and probe. Nothing was changed."
                    )

            return! answer next context
        }

/// Handles the forms of the admin page and of the page that `confirm` shows. The fields are `action` (`add`, `remove`,
/// `drain`, `resume` or `probe`) and `address`. Returns the admin page with a message.
let changeByForm (services: AppServices) : HttpHandler =
    let answer: HttpHandler =
        fun next context ->
            task {
                let! form = readForm context
                return! answerForm services form next context
            }

    let ifConfirmed refusal : HttpHandler =
        fun next context ->
            task {
                let! form = readForm context

                let isConfirmed =
                    match WorkerAddress.tryParse form.Address with
                    | Ok address ->
                        SignedToken.isValid
                            services.ConfirmationKey
                            (purpose form.Action address)
                            (services.Clock.GetUtcNow())
                            form.Confirmation
                    | Error _ -> false

                let handler =
                    if isConfirmed then
                        answerForm services form
                    else
                        AdminAuthorization.refuse services refusal

                return! handler next context
            }

    let otherwise =
        function
        | Unconfirmed
        | ForeignOrigin as refusal -> Some(ifConfirmed refusal)
        | _ -> None

    AdminAuthorization.guardOr otherwise services true answer
