/// The upload page. Everything on it works without the script, which adds what a form can't do.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.HomeView

open Giraffe.ViewEngine
open Web.Giraffe

/// The result that the page shows below the form.
type Outcome =
    | Nothing
    /// `picture` is the address of the classified sample; `fileName` is the browser's name for an upload.
    | Answered of answer: Answer * picture: string option * fileName: string option
    | Failed of Problem

/// The effect of the API's keys on the page.
type Keys =
    {
        /// Whether programs need a key.
        AreNeeded: bool
        /// Whether the page's user is signed in.
        IsSignedIn: bool
    }

let private hidden = attr "hidden" "hidden"

/// Returns the server's own response to a form.
let private shown (models: ModelsView.Offer) (outcome: Outcome) =
    match outcome with
    | Nothing -> []
    | Failed problem -> [ Layout.notice Layout.Bad problem.Title problem.Detail ]
    | Answered(answer, picture, name) ->
        [
            match picture with
            | Some address -> div [ _class "shot" ] [ img [ _src address; _alt "The picture that was asked about" ] ]
            | None -> ()

            div
                []
                [
                    match name with
                    | Some name -> p [ _class "subject" ] [ str name ]
                    | None -> ()

                    AnswerView.answer (ModelsView.nameOf models answer.Model answer.Version) answer
                ]
        ]

let private quiet look text =
    button [ _type "button"; _class $"quiet small {look}" ] [ str text ]

/// The cards, newest first; filled by the script.
let private results =
    section
        [ _id "results"; hidden; attr "aria-labelledby" "results-title" ]
        [
            div
                [ _class "bar-of" ]
                [
                    h2 [ _id "results-title" ] [ str "Your pictures" ]
                    p [ _id "counted"; _class "fine" ] []
                    div
                        [ _class "tools" ]
                        [
                            quiet "stop" "Cancel all"
                            span [ _class "share" ] [ quiet "json" "Copy JSON"; quiet "csv" "Download CSV" ]
                            quiet "clear" "Clear"
                        ]
                ]
            ol [ _id "cards"; _class "cards" ] []
        ]

let private history =
    details
        [ _id "history"; hidden ]
        [
            summary [] [ str "Answers so far "; span [ _class "count" ] [] ]
            div
                [ _class "bar-of" ]
                [
                    p [ _class "fine" ] [ str "Kept in this browser only: the last hundred." ]
                    div
                        [ _class "tools" ]
                        [
                            quiet "json" "Copy JSON"
                            quiet "csv" "Download CSV"
                            quiet "clear" "Forget all"
                        ]
                ]
            ol [ _class "past" ] []
        ]

let private sample (sample: Sample) =
    li
        []
        [
            button
                [ _type "submit"; _name "sample"; _value sample.Name ]
                [
                    img
                        [
                            _src $"/samples/{sample.Name}"
                            _alt ""
                            _width "150"
                            _height "150"
                            attr "loading" "lazy"
                        ]
                    span [] [ str sample.Title ]
                ]
        ]

let private samplesSection models chosen (samples: Sample list) =
    match samples with
    | [] -> []
    | samples ->
        [
            section
                [ _class "samples"; attr "aria-labelledby" "samples-title" ]
                [
                    h2 [ _id "samples-title" ] [ str "Try one of these" ]
                    form
                        [ _id "samples"; _method "post"; _action "/" ]
                        [
                            yield! ModelsView.select models "samples-model" "unscripted" chosen
                            ul [] (List.map sample samples)
                        ]
                ]
        ]

/// Returns the page. `maxBytes` is the form's limit.
let page
    assets
    (maxBytes: int)
    (keys: Keys)
    (models: ModelsView.Offer)
    (samples: Sample list)
    (outcome: Outcome)
    : XmlNode =
    let title, state =
        match outcome with
        | Nothing -> "Recognition: what is in this picture?", "idle"
        | Failed problem -> $"{problem.Title} · Recognition", "failed"
        | Answered(answer, _, _) when answer.Predictions.Length > 0 ->
            $"{answer.Predictions[0].Label} · Recognition", "answered"
        | Answered _ -> "Recognition", "answered"

    let chosen =
        match outcome with
        | Answered(answer, _, _) -> answer.Model
        | Nothing
        | Failed _ -> models.Default

    let hitch =
        div [ _id "hitch"; _class "notice bad"; attr "role" "alert"; hidden ] [ strong [] []; p [] [] ]

    Layout.page
        assets
        "/"
        [
            "home.css"
            "home.js"
            "common.js"
            "card.js"
            "heat.js"
            "share.js"
            "history.js"
            "store.js"
            "pictures.js"
            "prepare.js"
            "upload.js"
            "words.js"
        ]
        title
        ([
            section
                [ _class "hero" ]
                [
                    h1 [] [ str "What is in this picture?" ]
                    p
                        [ _class "lead" ]
                        [
                            str "Give it a photograph. It tells you what it sees, how sure it is, and why."
                        ]
                ]
            div
                [ _id "stage"; attr "data-state" state ]
                [
                    UploadView.upload maxBytes keys.AreNeeded models chosen
                    hitch
                    div [ _id "result"; attr "aria-live" "polite" ] (shown models outcome)
                ]
            results
         ]
         @ samplesSection models chosen samples
         @ (if keys.IsSignedIn then [ SignInView.signOut ] else [])
         @ [ history; CardView.card; AnswerView.blank; CardView.past ])
