/// The upload page. Everything on it works without the script, which adds what a form can't do.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.HomeView

open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Protocol.Core
open Web.Giraffe

/// The result that the page shows below the form.
type HomeContent =
    | Nothing
    /// `picture` is the address of the classified sample; `fileName` is the browser's name for an upload.
    | Answered of answer: Classification * picture: string option * fileName: string option
    | Failed of Problem

/// The effect of the API's keys on the page.
type Keys =
    {
        /// Whether programs need a key.
        AreNeeded: bool
        /// Whether the page's user is signed in.
        IsSignedIn: bool
    }

/// Returns the server's own response to a form.
let private shown (models: ModelsView.Offer) (outcome: HomeContent) =
    match outcome with
    | Nothing -> []
    | Failed problem -> [ (Layout.words problem ||> Layout.notice Layout.Bad) ]
    | Answered(answer, picture, name) ->
        [
            match picture with
            | Some address -> div [ _class "shot" ] [ img [ _src address; _alt (Texts.text "page.asked") ] ]
            | None -> ()

            div
                []
                [
                    match name with
                    | Some name -> p [ _class "subject" ] [ str name ]
                    | None -> ()

                    AnswerView.answer
                        (ModelsView.nameOf models answer.Recognition.Model answer.Recognition.Version)
                        answer
                ]
        ]

/// The samples of this project have names in every language; those of an operator's folder have that of their file.
let private titleOf (sample: Sample) =
    match (Texts.current ()).Texts.TryGetValue $"sample.{sample.Key}" with
    | true, title -> title
    | _ -> sample.Title

let private sample (sample: Sample) =
    li
        []
        [
            button
                [ _type "submit"; _name "sample"; _value sample.Name ]
                [
                    img
                        [
                            _src sample.Shown
                            _alt ""
                            _width "150"
                            _height "150"
                            attr "loading" "lazy"
                        ]
                    span [] [ str (titleOf sample) ]
                ]
        ]

let private samplesSection models chosen (samples: Sample list) =
    match samples with
    | [] -> []
    | samples ->
        [
            section
                [ _class "samples"; _ariaLabelledBy "samples-title" ]
                [
                    h2 [ _id "samples-title" ] [ Layout.text "page.samples" ]
                    form
                        [ _id "samples"; _method "post"; _action "/" ]
                        [
                            yield! ModelsView.select models "samples-model" "unscripted" chosen
                            ul [] (List.map sample samples)
                        ]
                ]
        ]

/// The modules that `home.js` imports at once; those of the dialogs and of the export for training are loaded later.
let private scripts =
    [
        "announce.js"
        "common.js"
        "problems.js"
        "share.js"
        "home/card/card.js"
        "home/card/classes.js"
        "home/card/details.js"
        "home/card/explain.js"
        "home/card/heatmap.js"
        "home/card/sentence.js"
        "home/card/snippets.js"
        "home/card/verdict.js"
        "home/gallery.js"
        "home/intake.js"
        "home/job.js"
        "home/messages.js"
        "home/models.js"
        "home/pictures/pictures.js"
        "home/pictures/prepare.js"
        "home/remote.js"
        "home/storage/history.js"
        "home/storage/session.js"
        "home/storage/store.js"
        "home/table.js"
        "home/undo.js"
        "home/upload.js"
    ]

/// Shown before a user uploads a picture that can't be classified.
let private noWorkers () =
    div
        [ _id "no-workers"; _class "notice bad"; _roleStatus ]
        [
            strong [] [ Layout.text "page.noworkers.title" ]
            p
                []
                [
                    Layout.text "page.untilback"
                    str " "
                    span [ _class "scripted" ] [ Layout.text "page.retrying" ]
                ]
        ]

/// Returns the page. `maxBytes` is the form's limit.
let page
    assets
    (maxBytes: int)
    (keys: Keys)
    (models: ModelsView.Offer)
    (samples: Sample list)
    (hasWorkers: bool)
    (canFetch: bool)
    (outcome: HomeContent)
    : XmlNode =
    let title, state =
        match outcome with
        | Nothing -> Layout.titled "page.title", "idle"
        | Failed problem -> Texts.fill "layout.titled" [ "title", fst (Layout.words problem) ], "failed"
        | Answered(answer, _, _) -> Texts.fill "layout.titled" [ "title", AnswerView.sentence answer ], "answered"

    let chosen =
        match outcome with
        | Answered(answer, _, _) -> answer.Recognition.Model
        | Nothing
        | Failed _ -> models.Default

    let errorNotice =
        div [ _id "error-notice"; _class "notice bad"; _roleAlert; _hidden ] [ strong [] []; p [] [] ]

    Layout.page
        assets
        "/"
        ([ "home/home.css"; "home/cards.css"; "home/dialogs.css"; "home/home.js" ]
         @ scripts)
        title
        ([
            section
                [ _class "hero" ]
                [
                    h1 [] [ Layout.text "page.title" ]
                    p [ _class "lead" ] [ Layout.text "layout.description" ]
                ]
            div
                [ _id "stage"; attr "data-state" state ]
                [
                    UploadView.upload maxBytes keys.AreNeeded canFetch models chosen
                    if canFetch then
                        UploadView.byAddress ()

                    if not hasWorkers then
                        noWorkers ()
                    errorNotice
                    div [ _id "result"; _ariaLive "polite" ] (shown models outcome)
                ]
            HomeParts.results ()
         ]
         @ samplesSection models chosen samples
         @ (if keys.IsSignedIn then [ SignInView.signOut () ] else [])
         @ HomeParts.history () :: HomeParts.templates ())
