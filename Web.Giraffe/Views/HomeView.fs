/// The upload page. Everything on it works without the script, which adds what a form can't do.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.HomeView

open Giraffe.ViewEngine
open Web.Giraffe

/// What the page shows below the form.
type Outcome =
    | Nothing
    /// `picture` is the address of the sample that was asked about; `fileName` the browser's name of an upload.
    | Answered of answer: Answer * picture: string option * fileName: string option
    | Failed of Problem

let private icon =
    tag
        "svg"
        [
            _class "icon"
            attr "viewBox" "0 0 48 48"
            attr "aria-hidden" "true"
            attr "focusable" "false"
        ]
        [
            tag "rect" [ attr "x" "7"; attr "y" "10"; _width "34"; _height "28"; attr "rx" "4" ] []
            tag "circle" [ attr "cx" "17"; attr "cy" "19"; attr "r" "3.2" ] []
            tag "path" [ attr "d" "M8 34l10-9 7 6 6-7 9 9" ] []
        ]

let private hidden = attr "hidden" "hidden"
let private byScript = _class "scripted"

let private settings =
    p
        [ _class "setting scripted" ]
        [
            input
                [
                    _type "checkbox"
                    _id "shrink"
                    attr "role" "switch"
                    attr "aria-describedby" "shrink-says"
                ]
            label [ _for "shrink" ] [ str "Shrink large photographs" ]
            span [ _id "shrink-says"; _class "fine" ] [ str "Those over 2 MB go out smaller, with the same answer." ]
        ]

/// The viewfinder: the ways to choose something.
let private upload (maxBytes: int) =
    let accept = _accept (String.concat "," ImageFormat.mediaTypes)

    form
        [
            _id "upload"
            _class "frame"
            _method "post"
            _action "/"
            _enctype "multipart/form-data"
            attr "data-max" (string maxBytes)
        ]
        [
            icon
            div
                [ _class "pick" ]
                [
                    input
                        [
                            _id "file"
                            _name "file"
                            _type "file"
                            accept
                            attr "aria-describedby" "formats"
                        ]
                    label [ _for "file"; _class "choose" ] [ str "Choose pictures" ]
                    input
                        [
                            _id "camera"
                            _type "file"
                            _accept "image/*"
                            attr "capture" "environment"
                            byScript
                        ]
                    label [ _for "camera"; _class "choose quiet shoot scripted" ] [ str "Take a picture" ]
                    button [ _type "submit"; _class "send" ] [ str "Recognize" ]
                ]
            div
                [ _class "hints" ]
                [
                    p [ _class "hint" ] [ str "or drop them anywhere on this page, or paste one" ]
                    p [ _id "formats"; _class "fine" ] [ str $"{ImageFormat.names}, up to {Upload.megabytes maxBytes}" ]
                ]
            settings
        ]

/// What the server itself answers a form with.
let private shown (outcome: Outcome) =
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

                    AnswerView.answer answer
                ]
        ]

let private quiet look text =
    button [ _type "button"; _class $"quiet small {look}" ] [ str text ]

/// The cards, newest on top; the script fills it.
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

let private samplesSection (samples: Sample list) =
    match samples with
    | [] -> []
    | samples ->
        [
            section
                [ _class "samples"; attr "aria-labelledby" "samples-title" ]
                [
                    h2 [ _id "samples-title" ] [ str "Try one of these" ]
                    form [ _id "samples"; _method "post"; _action "/" ] [ ul [] (List.map sample samples) ]
                ]
        ]

let page assets (maxBytes: int) (samples: Sample list) (outcome: Outcome) : XmlNode =
    let title, state =
        match outcome with
        | Nothing -> "Recognition: what is in this picture?", "idle"
        | Failed problem -> $"{problem.Title} · Recognition", "failed"
        | Answered(answer, _, _) when answer.Predictions.Length > 0 ->
            $"{answer.Predictions[0].Label} · Recognition", "answered"
        | Answered _ -> "Recognition", "answered"

    let hitch =
        div [ _id "hitch"; _class "notice bad"; attr "role" "alert"; hidden ] [ strong [] []; p [] [] ]

    Layout.page
        assets
        "/"
        [
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
                    upload maxBytes
                    hitch
                    div [ _id "result"; attr "aria-live" "polite" ] (shown outcome)
                ]
            results
         ]
         @ samplesSection samples
         @ [ history; CardView.card; AnswerView.blank; CardView.past ])
