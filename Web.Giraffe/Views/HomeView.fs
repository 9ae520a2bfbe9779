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

/// The viewfinder: what was asked about, the way to choose something, and how far the upload is.
let private upload (maxBytes: int) (picture: string option) =
    let preview =
        match picture with
        | Some address -> div [ _class "preview" ] [ img [ _src address; _alt "The picture that was asked about" ] ]
        | None -> div [ _class "preview"; attr "hidden" "hidden" ] [ img [ _alt "" ] ]

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
            preview
            div
                [ _class "pick" ]
                [
                    icon
                    input
                        [
                            _id "file"
                            _name "file"
                            _type "file"
                            _accept (String.concat "," ImageFormat.mediaTypes)
                            attr "aria-describedby" "formats"
                        ]
                    label [ _for "file"; _class "choose" ] [ str "Choose a picture" ]
                    button [ _type "submit"; _class "send" ] [ str "Recognize" ]
                    p [ _class "hint" ] [ str "or drop one anywhere on this page, or paste it" ]
                    p [ _id "formats"; _class "fine" ] [ str $"{ImageFormat.names}, up to {Upload.megabytes maxBytes}" ]
                ]
            div
                [ _class "working"; attr "hidden" "hidden" ]
                [
                    label [ _for "progress"; _class "doing" ] [ str "Uploading" ]
                    progress [ _id "progress"; attr "max" "1"; _value "0" ] []
                    button [ _type "button"; _class "cancel quiet" ] [ str "Cancel" ]
                ]
        ]

let private shown (outcome: Outcome) =
    match outcome with
    | Nothing -> []
    | Failed problem -> [ Layout.notice Layout.Bad problem.Title problem.Detail ]
    | Answered(answer, _, Some name) -> [ p [ _class "subject" ] [ str name ]; AnswerView.answer answer ]
    | Answered(answer, _, None) -> [ AnswerView.answer answer ]

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

    let picture =
        match outcome with
        | Answered(_, picture, _) -> picture
        | Nothing
        | Failed _ -> None

    Layout.page
        assets
        "/"
        title
        ([
            section
                [ _class "hero" ]
                [
                    h1 [] [ str "What is in this picture?" ]
                    p [ _class "lead" ] [ str "Give it a photograph. It tells you what it sees, and how sure it is." ]
                ]
            div
                [ _id "stage"; attr "data-state" state ]
                [
                    upload maxBytes picture
                    div [ _id "result"; attr "aria-live" "polite" ] (shown outcome)
                ]
         ]
         @ samplesSection samples
         @ [ AnswerView.blank ])
