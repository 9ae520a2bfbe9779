/// The drop zone of the upload page, with the controls for choosing pictures.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.UploadView

open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

let private picture =
    drawing
        "icon"
        48
        [
            tag "rect" [ attr "x" "7"; attr "y" "10"; _width "34"; _height "28"; attr "rx" "4" ] []
            tag "circle" [ attr "cx" "17"; attr "cy" "19"; attr "r" "3.2" ] []
            tag "path" [ attr "d" "M8 34l10-9 7 6 6-7 9 9" ] []
        ]

/// The limit, rounded down for display.
let private size (bytes: int) =
    if bytes >= 1_000_000 then
        Texts.fill "number.megabytes" [ "number", Texts.number (int64 (bytes / 1_000_000)) ]
    else
        UploadFault.megabytes (int64 bytes)

let private lens = "M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z"

/// The kinds of things that the chosen model recognizes, with a link to its classes.
let private modelSummary (models: ModelsView.Offer) (chosen: string) =
    match models.Ready |> List.tryFind (fun model -> model.Description.Id = chosen) with
    | None -> []
    | Some model ->
        [
            p
                [ _class "fine knows" ]
                [
                    str (ModelsView.title model)
                    str ": "
                    a
                        [ _id "class-list"; _href (ClassesView.address model.Description.Id) ]
                        [ str (ModelsView.knows model) ]
                ]
        ]

/// The controls for choosing pictures. A folder and the live camera need the script.
let private fileInputs accept =
    div
        [ _class "pick" ]
        [
            input [ _id "file"; _name "file"; _type "file"; accept; _ariaDescribedBy "formats" ]
            label
                [ _for "file"; _class "choose" ]
                [
                    span [ _class "scripted" ] [ Layout.text "page.choosepictures" ]
                    span [ _class "unscripted" ] [ Layout.text "page.choosepicture" ]
                ]
            input
                [
                    _id "camera"
                    _type "file"
                    _accept "image/*"
                    attr "capture" "environment"
                    _class "scripted"
                ]
            label [ _for "camera"; _class "choose quiet take-photo scripted" ] [ Layout.text "page.take" ]
            button
                [ _type "button"; _id "live"; _class "quiet scripted"; _hidden ]
                [ icon lens; span [] [ Layout.text "page.live" ] ]
            input [ _id "folder"; _type "file"; attr "webkitdirectory" ""; _class "scripted" ]
            label [ _for "folder"; _class "choose quiet folder scripted" ] [ Layout.text "page.folder" ]
            button [ _type "submit"; _class "send" ] [ Layout.text "page.recognise" ]
        ]

/// The field for a picture's address, where the operator allows it. It belongs to a form of its own, `byAddress`.
let private addressField () =
    p
        [ _class "by-address scripted" ]
        [
            input
                [
                    _type "url"
                    _id "address"
                    attr "form" "by-address"
                    _placeholder (Texts.text "page.address-begins")
                    _named "page.address"
                    _required
                ]
            button [ _type "submit"; _class "quiet"; attr "form" "by-address" ] [ str (Texts.text "page.fetch") ]
        ]

let byAddress () = form [ _id "by-address" ] []

/// `maxBytes` is the server's limit; `chosen` is the preselected model. `requiresKey` is whether programs need a key; if
/// so, the page's code snippets have a place for one. `canFetch` is whether the server fetches pictures by their address.
let upload (maxBytes: int) (requiresKey: bool) (canFetch: bool) (models: ModelsView.Offer) (chosen: string) =
    let accept = _accept (String.concat "," ImageFormat.mediaTypes)

    form
        [
            _id "upload"
            _class "frame"
            _method "post"
            _action "/"
            _enctype "multipart/form-data"
            attr "data-max" (string maxBytes)
            attr "data-models" (ModelsView.forScript models)
            attr "data-default" models.Default
            if requiresKey then
                attr "data-keyed" ""
        ]
        [
            picture
            // Before the file: the server reads the fields in their order.
            details
                [
                    _class (
                        if models.Ready.Length > 1 then
                            "options"
                        else
                            "options scripted"
                    )
                ]
                [
                    HtmlElements.summary [] [ Layout.text "page.options" ]
                    div
                        [ _class "models" ]
                        (ModelsView.select models "model" "" chosen
                         @ ModelsView.comparison models
                         @ [
                             switch "crop-first" "page.cropfirst"
                             if canFetch then
                                 addressField ()
                         ])
                ]
            fileInputs accept
            div
                [ _class "hints" ]
                [
                    p
                        [ _id "formats"; _class "hint" ]
                        [
                            span [ _class "pointer-only scripted" ] [ Layout.text "page.drop"; str " · " ]
                            Layout.text "page.upto"
                            str " "
                            span [ _id "limit" ] [ str (size maxBytes) ]
                        ]
                    yield! modelSummary models chosen
                ]
        ]
