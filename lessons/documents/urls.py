from django.urls import path

from .views import editions, glossary, people, provenance, routes, search, timeline

app_name = "documents"

urlpatterns = [
    path("documents/", editions.document_list, name="document-list"),
    path("documents/<slug:slug>/", editions.document_detail, name="document"),
    path("documents/<slug:slug>/provenance/", provenance.provenance, name="provenance"),
    path("people/", people.person_list, name="person-list"),
    path("people/<slug:slug>/", people.person_detail, name="person"),
    path("glossary/", glossary.glossary, name="glossary"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("map/", routes.route_map, name="map"),
    path("search/", search.search, name="search"),
]
